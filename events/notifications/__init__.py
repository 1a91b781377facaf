"""What people are told of events: rows that are written in the transaction of the change, in the page and by mail."""
