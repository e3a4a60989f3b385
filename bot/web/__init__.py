"""The web side: thin, on the same services. For now it says whether the process is alive and ready."""
