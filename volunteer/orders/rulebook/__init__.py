"""What a centre leaves to rules: automatic dispatch, the open pool (抢单), the brake, and the past played again to try them."""
