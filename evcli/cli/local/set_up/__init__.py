"""Set a project, a shell or the sinks up, once."""
