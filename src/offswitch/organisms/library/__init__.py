"""The organisms of the library's scenarios, one file a scenario."""
