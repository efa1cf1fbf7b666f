"""Running notebooks in batch: what they take, what they deliver, and the engine that runs them."""
