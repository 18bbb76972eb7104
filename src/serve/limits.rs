//! How much, how long, and how many at once.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

/// Limits of a server.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Connections at once; further ones are closed.
    pub connections: usize,
    /// Largest question, bytes.
    pub body: usize,
    /// Largest head of a request, bytes.
    pub head: usize,
    /// Headers of a request.
    pub headers: usize,
    /// Until the head of a request is there, and between requests of a connection.
    pub head_time: Duration,
    /// Until a question is there.
    pub body_time: Duration,
    /// Until a client takes more of an answer.
    pub write_time: Duration,
    /// Until a question is answered.
    pub answer_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            connections: 128,
            body: 64 << 10,
            head: 16 << 10,
            headers: 64,
            head_time: Duration::from_secs(30),
            body_time: Duration::from_secs(10),
            write_time: Duration::from_secs(30),
            answer_time: Duration::from_secs(120),
        }
    }
}

/// A connection that breaks when its client takes nothing of an answer for too long.
pub struct Impatient<T> {
    inner: T,
    patience: Duration,
    /// When it ends, while something waits to be taken.
    end: Pin<Box<Sleep>>,
    is_waiting: bool,
}

impl<T> Impatient<T> {
    /// Around a connection.
    pub fn new(inner: T, patience: Duration) -> Self {
        Impatient { inner, patience, end: Box::pin(sleep(patience)), is_waiting: false }
    }

    /// Starts the clock where writing has to wait, stops it where it goes on.
    fn timed<R>(
        &mut self,
        context: &mut Context<'_>,
        polled: Poll<std::io::Result<R>>,
    ) -> Poll<std::io::Result<R>> {
        if polled.is_ready() {
            self.is_waiting = false;
            return polled;
        }
        if !self.is_waiting {
            self.is_waiting = true;
            self.end.as_mut().reset(Instant::now() + self.patience);
        }
        match self.end.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(std::io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Impatient<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(context, buffer)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Impatient<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        let polled = Pin::new(&mut self.inner).poll_write(context, bytes);
        self.timed(context, polled)
    }

    fn poll_flush(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        let polled = Pin::new(&mut self.inner).poll_flush(context);
        self.timed(context, polled)
    }

    fn poll_shutdown(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        let polled = Pin::new(&mut self.inner).poll_shutdown(context);
        self.timed(context, polled)
    }
}
