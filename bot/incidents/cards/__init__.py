"""What people see of an incident: view in, message out; no queries, no clock."""
