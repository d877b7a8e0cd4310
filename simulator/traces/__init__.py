"""What can be done with traces: read, replay, compare, show, record, and make scenarios of them."""
