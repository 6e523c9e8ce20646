#!/bin/sh
cd "$(dirname "$0")" || exit 1
exec python3 -S catalogue.py --port {{ catalogue_port }} --items items.csv
