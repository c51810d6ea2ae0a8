//! Stopping: nobody who was let in goes away without an answer.

use crate::traffic::Traffic;
use actix_server::{Server, ServerHandle};
use socket2::SockRef;
use std::io;
use std::net::TcpListener;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Context;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

/// For how long nobody is let in before the last are.
const SETTLING: Duration = Duration::from_millis(50);
/// How long a connection may take from the thread that accepts to one that answers.
const HANDING_OVER: Duration = Duration::from_millis(20);
/// How long idle connections may take to close: threads that are told to end while one is open look once a second only
/// whether it still is.
const CLOSING: Duration = Duration::from_millis(10);

/// The connections of one server: how many there are, and the word for them to end.
#[derive(Clone)]
pub(super) struct Connections {
    closing: watch::Sender<bool>,
    open: watch::Sender<usize>,
    traffic: Arc<Traffic>,
}

/// One of them, for as long as it is open.
pub(super) struct Connection(Connections);

impl Connections {
    pub(super) fn new(traffic: Arc<Traffic>) -> Self {
        Self {
            closing: watch::Sender::new(false),
            open: watch::Sender::new(0),
            traffic,
        }
    }

    pub(super) fn opened(&self) -> Connection {
        self.open.send_modify(|open| *open += 1);
        self.traffic.connection_opened();
        Connection(self.clone())
    }

    pub(super) fn closing(&self) -> Closing {
        let mut closing = self.closing.subscribe();
        Closing::Waiting(Box::pin(async move {
            // Whoever could say so is gone: so is the server.
            let _ = closing.wait_for(|closing| *closing).await;
        }))
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.open.send_modify(|open| *open -= 1);
        self.0.traffic.connection_closed();
    }
}

/// Whether connections are to end, for one of them.
pub(super) enum Closing {
    Waiting(Pin<Box<dyn Future<Output = ()>>>),
    Said,
}

impl Closing {
    /// Whether it was said; wakes when it is.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> bool {
        if let Self::Waiting(word) = self
            && word.as_mut().poll(context).is_ready()
        {
            *self = Self::Said;
        }
        matches!(self, Self::Said)
    }
}

/// Closes a server whose answers close their connections already. `listener` is the one it accepts from.
pub(super) async fn close(mut server: Server, listener: &TcpListener, connections: &Connections) -> io::Result<()> {
    let handle = server.handle();
    let worked_off = async {
        work_off_the_line(&handle, listener).await;
        connections.closing.send_replace(true);
        sleep(HANDING_OVER).await;
        let mut open = connections.open.subscribe();
        // Whether all are closed by then or not, the next step is the same.
        let _ = timeout(CLOSING, open.wait_for(|open| *open == 0)).await;
    };
    tokio::select! {
        outcome = &mut server => return outcome,
        () = worked_off => {}
    }
    let (outcome, ()) = tokio::join!(server, handle.stop(true));
    outcome
}

/// Closing a listener resets the connections in its line, which the kernel made while nobody looked. So the kernel is told to let
/// nobody in any more, those in the line are taken, and then the listener can be closed. Whoever comes meanwhile is not
/// answered, tries again after a second, and is refused then: a client or a proxy that was refused has lost no request.
async fn work_off_the_line(handle: &ServerHandle, listener: &TcpListener) {
    let line = SockRef::from(listener);
    if line_end::let_nobody_in(&line).is_ok() {
        // Whoever was half-way in is in by then.
        sleep(SETTLING).await;
        handle.pause().await;
        return;
    }
    // Where that cannot be told, the line is cut to its least, which is one, and that one is taken as late as can be.
    if let Err(error) = line.listen(0) {
        tracing::warn!(%error, "connections that wait to be accepted may be lost");
    }
    handle.pause().await;
    sleep(SETTLING).await;
    handle.resume().await;
    handle.pause().await;
}

#[cfg(target_os = "linux")]
mod line_end {
    use socket2::{SockFilter, SockRef};
    use std::io;

    // Classic BPF over the TCP header: without flags that begin a connection a packet passes whole, otherwise nothing of it.
    const LOAD_BYTE: u16 = 0x30;
    const JUMP_IF_SET: u16 = 0x45;
    const RETURN: u16 = 0x06;
    /// Where the flags are (RFC 9293 §3.1).
    const FLAGS: u32 = 13;
    const SYN: u32 = 0x02;

    /// Has the kernel drop whatever would begin a connection. Connections that exist go on.
    pub(super) fn let_nobody_in(listener: &SockRef<'_>) -> io::Result<()> {
        listener.attach_filter(&[
            SockFilter::new(LOAD_BYTE, 0, 0, FLAGS),
            SockFilter::new(JUMP_IF_SET, 0, 1, SYN),
            SockFilter::new(RETURN, 0, 0, 0),
            SockFilter::new(RETURN, 0, 0, u32::MAX),
        ])
    }
}

#[cfg(not(target_os = "linux"))]
mod line_end {
    use socket2::SockRef;
    use std::io;

    pub(super) fn let_nobody_in(_: &SockRef<'_>) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
