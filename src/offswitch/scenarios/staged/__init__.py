"""What the library's scenarios share: a stage of files and services, prompts, interviews, a record."""
