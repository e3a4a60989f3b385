"""What people see of updates: view in, message out; no queries, no clock."""
