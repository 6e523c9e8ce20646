"""What may leave a cell, and through what: named hosts, a model's provider. On the standard library alone."""
