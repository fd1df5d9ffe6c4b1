"""How clients hear of changes: event.from, the older queue, and what is kept for reading later."""
