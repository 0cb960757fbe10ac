#pragma once

#include <memory>
#include <string>

namespace dunlin::http {

/// Bytes that may wait in many queues at once.
using SharedBytes = std::shared_ptr<const std::string>;

/// The body of a streamed answer while it is made. Belongs to the connection and its loop. Bytes
/// are sent once a loop turn: chunked (RFC 9112 section 7.1), or until close for HTTP/1.0.
class StreamWriter {
public:
    virtual ~StreamWriter() = default;
    /// Queues bytes. False when limits::stream_queue_bytes_soft are waiting: write no more before
    /// StreamHandler::drained(). Over limits::stream_queue_bytes_max the stream is cut. What is
    /// written after end() or abort() is dropped.
    virtual bool write(SharedBytes bytes) = 0;
    /// What write() would answer now. False promises a drained().
    virtual bool writable() = 0;
    /// The body is complete: sends what is queued, then ends the connection.
    virtual void end() = 0;
    /// Ends the connection without the rest, so that the client can tell that the body is cut.
    virtual void abort() = 0;
};

/// What makes the body of a streamed answer. One object for each answer, on the connection's loop.
/// An answer to HEAD never opens it. A stream has no time limit, but one that has bytes to send and
/// whose client takes none of them for limits::http_write_timeout is cut.
class StreamHandler {
public:
    virtual ~StreamHandler() = default;
    /// `writer` may be used until closed().
    virtual void opened(StreamWriter& writer) = 0;
    /// There is room again after write() or writable() said no.
    virtual void drained() {}
    /// The server stops: say goodbye and end(). Who does not is cut after the drain's time.
    virtual void stopping() = 0;
    /// The stream is over: sent to its end, cut, or the client went. The writer is gone.
    virtual void closed() = 0;
};

}  // namespace dunlin::http
