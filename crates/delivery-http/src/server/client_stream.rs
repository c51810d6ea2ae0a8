//! A client's connection that ends when its time is over.

use crate::server::pace::{Pace, Patience, TimeUp};
use crate::server::stop::{Closing, Connection, Connections};
use actix_web::rt::net::TcpStream;
use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

/// A TCP stream with deadlines for what the other side sends and fetches, and an end when the server stops.
pub(super) struct ClientStream {
    stream: TcpStream,
    pace: Rc<Pace>,
    patience: Patience,
    /// Since when something waits for the client to fetch it.
    full_since: Option<Instant>,
    alarm: Alarm,
    closing: Closing,
    _counted: Connection,
}

impl ClientStream {
    pub(super) fn new(stream: TcpStream, patience: Patience, connections: &Connections) -> Self {
        // An answer leaves at once; where that cannot be said the connection is about to fail anyway.
        let _ = stream.set_nodelay(true);
        Self {
            stream,
            pace: Rc::new(Pace::new(patience)),
            patience,
            full_since: None,
            alarm: Alarm::default(),
            closing: connections.closing(),
            _counted: connections.opened(),
        }
    }

    pub(super) fn pace(&self) -> Rc<Pace> {
        Rc::clone(&self.pace)
    }

    /// Ready when nothing came in time.
    fn poll_silence(&mut self, context: &mut Context<'_>) -> Poll<TimeUp> {
        let closing = self.closing.poll(context);
        let Some((deadline, time_up)) = self.pace.deadline(closing) else {
            return Poll::Pending;
        };
        self.alarm.poll(context, deadline).map(|()| time_up)
    }

    /// What writing came to, an error where the client has not fetched the answer in time.
    fn in_time<T>(&mut self, context: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_pending() {
            let since = *self.full_since.get_or_insert_with(Instant::now);
            ready!(self.alarm.poll(context, since + self.patience.answer));
            return Poll::Ready(Err(ErrorKind::TimedOut.into()));
        }
        written
    }
}

impl AsyncRead for ClientStream {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(context, buffer);
        if read.is_pending() {
            // What has arrived by now is served; what has not is not waited for any longer.
            return match ready!(this.poll_silence(context)) {
                TimeUp::End => Poll::Ready(Ok(())),
                TimeUp::Cut => Poll::Ready(Err(ErrorKind::TimedOut.into())),
            };
        }
        if buffer.filled().len() > before {
            this.pace.received();
        }
        read
    }
}

impl AsyncWrite for ClientStream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write(context, bytes);
        this.in_time(context, written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write_vectored(context, slices);
        this.in_time(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// actix flushes when it has written all it had, which is when an answer is out: from now on it is the client's turn. It
    /// may not read before something comes, so the deadline is set here.
    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.full_since = None;
        if this.poll_silence(context).is_ready() {
            context.waker().wake_by_ref();
        }
        Pin::new(&mut this.stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}

/// Wakes at a deadline. Most deadlines are met, and a new one comes with every request: so a timer that is set is left
/// as it is, and only when it goes off does it follow the deadline of that moment.
#[derive(Default)]
struct Alarm(Option<Pin<Box<Sleep>>>);

impl Alarm {
    fn poll(&mut self, context: &mut Context<'_>, deadline: Instant) -> Poll<()> {
        let timer = self.0.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        if timer.deadline() > deadline {
            timer.as_mut().reset(deadline);
        }
        while timer.as_mut().poll(context).is_ready() {
            if Instant::now() >= deadline {
                return Poll::Ready(());
            }
            timer.as_mut().reset(deadline);
        }
        Poll::Pending
    }
}
