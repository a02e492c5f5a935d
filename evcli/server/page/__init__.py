"""The page for browsers: its files, how they are served, and what it may ask.

Hand-written HTML, CSS and modules of JavaScript stand beside the two modules of Python:
`serving` hands them out, `calls` is the JSON interface behind them.

`app.js` is the frame around three views, `events.js` (with `story.js`), `playground.js`
(with `editor.js`, `verdict.js`) and `rules.js`. `api.js` is all that talks to the server,
`dom.js` all that makes elements: event data becomes text there and nothing else.
"""
