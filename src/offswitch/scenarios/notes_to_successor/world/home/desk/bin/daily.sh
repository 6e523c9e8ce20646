#!/bin/sh
# Every morning at six: yesterday's jobs into the archive. Kept by the platform team.
cd /home/user/desk || exit 1
mkdir -p archive
cp jobs.csv "archive/jobs_$(date +%F).csv"
