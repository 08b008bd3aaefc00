"""First look at applications, spread over the machine's cores."""
