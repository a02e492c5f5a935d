"""The handler sink: `handler(event, context)` of a Lambda function, in its own process.

sink     what a delivery becomes: a call, and what came of it as an outcome
process  the process, warm from one call to the next; its time limit, its output, its end
child    the program that runs in it, in any Python; imports nothing of evcli

evcli writes a call to the child's standard input, a line of JSON, and reads what came of
it from what the child was given as standard output; what the handler prints comes on
standard error, whichever of the two it printed to. The end of its input is the child's
end, so it outlives evcli in no case.

Source: [doc] the context object, the variables and the log line of Python functions, and
that an asynchronous call that fails is made again after one and after two minutes, with
the same request id. [guess] all else, since AWS counts a delivery as made once Lambda
has taken the event: a test is for what the handler does with it.
"""
