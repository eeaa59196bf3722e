//! Connections with a limit on patience: one on which we have written nothing for a minute is
//! closed. A request that is fed a byte at a time (slow loris) never gets an answer, and ends so;
//! every honest request is answered within half a minute, and a stream sends a sign of life more
//! often.

use axum::{
    extract::connect_info::Connected,
    serve::{IncomingStream, Listener},
};
use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    time::{Instant, Sleep},
};

/// How long a connection may stay without a byte from us.
const PATIENCE: Duration = Duration::from_secs(60);

/// A listener whose connections have a limit on patience.
pub(crate) struct Patient(pub(crate) TcpListener);

/// Who is at the other end of a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PeerAddress(pub(crate) SocketAddr);

/// A connection with a limit on patience.
pub(crate) struct Connection<S> {
    stream: S,
    patience: Duration,
    end: Pin<Box<Sleep>>,
}

impl Listener for Patient {
    type Io = Connection<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps Nagle's delay: {error}");
        }
        (Connection::new(stream, PATIENCE), address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Listener::local_addr(&self.0)
    }
}

impl Connected<IncomingStream<'_, Patient>> for PeerAddress {
    fn connect_info(stream: IncomingStream<'_, Patient>) -> Self {
        PeerAddress(*stream.remote_addr())
    }
}

impl<S> Connection<S> {
    fn new(stream: S, patience: Duration) -> Self {
        Connection { stream, patience, end: Box::pin(tokio::time::sleep(patience)) }
    }

    fn wrote(&mut self) {
        let end = Instant::now().checked_add(self.patience).unwrap_or_else(Instant::now);
        self.end.as_mut().reset(end);
    }

    /// What a waiting side is told: to wait on, or that patience has ended.
    fn waiting<T>(&mut self, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        ready!(self.end.as_mut().poll(context));
        Poll::Ready(Err(out_of_patience()))
    }
}

fn out_of_patience() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "the connection made no progress")
}

impl<S: AsyncRead + Unpin> AsyncRead for Connection<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.stream).poll_read(context, buffer) {
            Poll::Ready(Ok(())) if Instant::now() >= self.end.deadline() => {
                Poll::Ready(Err(out_of_patience()))
            }
            Poll::Ready(read) => Poll::Ready(read),
            Poll::Pending => self.waiting(context),
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Connection<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match Pin::new(&mut self.stream).poll_write(context, bytes) {
            Poll::Ready(written) => {
                self.wrote();
                Poll::Ready(written)
            }
            Poll::Pending => self.waiting(context),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match Pin::new(&mut self.stream).poll_write_vectored(context, slices) {
            Poll::Ready(written) => {
                self.wrote();
                Poll::Ready(written)
            }
            Poll::Pending => self.waiting(context),
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    const LIMIT: Duration = Duration::from_millis(300);

    #[tokio::test(start_paused = true)]
    async fn a_sender_of_single_bytes_is_cut_off_although_it_never_pauses() {
        let (mut client, server) = duplex(64);
        let mut server = Connection::new(server, LIMIT);
        let feed = tokio::spawn(async move {
            while client.write_all(b"x").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        let started = Instant::now();
        let error = loop {
            if let Err(error) = server.read(&mut [0; 8]).await {
                break error;
            }
        };
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(started.elapsed() >= LIMIT && started.elapsed() < LIMIT * 5);
        feed.abort();
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_gets_answers_lives_on() {
        let (client, server) = duplex(64);
        let mut server = Connection::new(server, LIMIT);
        let (mut reader, _keeps_open) = tokio::io::split(client);
        let drain =
            tokio::spawn(async move { while reader.read(&mut [0; 64]).await.is_ok_and(|n| n > 0) {} });
        for _ in 0..8 {
            let waited = tokio::time::timeout(LIMIT / 3, server.read(&mut [0; 8])).await;
            assert!(waited.is_err(), "nothing was sent, and patience had not ended: {waited:?}");
            server.write_all(b"still here").await.unwrap();
        }
        drain.abort();
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_takes_nothing_is_cut_off() {
        let (_client, server) = duplex(4);
        let mut server = Connection::new(server, LIMIT);
        let error = server.write_all(&[0; 64]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
