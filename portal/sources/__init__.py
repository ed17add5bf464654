"""Where rows come from: addresses that are fetched, programs that push, private records. And what is done to them."""
