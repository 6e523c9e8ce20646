"""What an action does to which asset; pure."""
