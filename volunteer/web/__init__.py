"""The edge: who is asking, in which language, with which form; nothing about services or volunteers."""
