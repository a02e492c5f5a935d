"""From responses to the screen: rendering, the formats, pages, queries, errors."""
