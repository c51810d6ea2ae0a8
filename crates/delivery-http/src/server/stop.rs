//! Stopping: nobody who was let in goes away without an answer.

use crate::traffic::Traffic;
use actix_server::Server;
use socket2::SockRef;
use std::io;
use std::net::TcpListener;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Context;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

/// How long the thread that accepts connections, and those that answer, may take to pick up what waits.
const SETTLING: Duration = Duration::from_millis(50);
/// How long clients that keep coming are waited for before the listener is closed in front of them.
const QUIET: Duration = Duration::from_millis(500);

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
    // Closing a listener resets what waits in its line. So the line is cut to its least first: connections beyond it
    // are turned away before they exist, those in it are accepted as always.
    if let Err(error) = SockRef::from(listener).listen(0) {
        tracing::warn!(%error, "connections that wait to be accepted may be lost");
    }
    let worked_off = async {
        sleep(SETTLING).await;
        connections.closing.send_replace(true);
        let mut open = connections.open.subscribe();
        // Whether it became quiet or not, the next step is the same.
        let _ = timeout(QUIET, open.wait_for(|open| *open == 0)).await;
    };
    tokio::select! {
        outcome = &mut server => return outcome,
        () = worked_off => {}
    }
    let (outcome, ()) = tokio::join!(server, handle.stop(true));
    outcome
}
