"""The process that does jobs: a loop over the rows, a durable engine under it, a heartbeat."""
