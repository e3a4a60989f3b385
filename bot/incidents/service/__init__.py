"""Use cases on incidents: one method, one transaction, one instant. Each takes the Caller and returns views."""
