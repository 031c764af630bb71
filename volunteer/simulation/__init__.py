"""The demo county: an invented place that lives sixty days before you look at it. Everything here is fiction."""
