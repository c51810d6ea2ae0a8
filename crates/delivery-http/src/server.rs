//! The server itself.

use crate::routes;
use crate::state::HttpState;
use actix_web::dev::Server;
use actix_web::{App, HttpServer};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;
use std::{io, num::NonZeroUsize};

/// How long a client may take to send a request's head.
const HEAD_DEADLINE: Duration = Duration::from_secs(5);
/// How long an idle connection is kept.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// Serves `state` on `listener` with so many worker threads. Signals are the caller's affair: it calls
/// [`HttpState::drain`], waits as long as its load balancer needs, and then stops the server by its handle, which
/// gives requests on their way `stop_deadline` to finish.
///
/// # Errors
/// Where the listener cannot be used.
pub fn serve(
    listener: TcpListener,
    state: Arc<HttpState>,
    workers: NonZeroUsize,
    stop_deadline: Duration,
) -> io::Result<Server> {
    let server = HttpServer::new(move || App::new().configure(routes::configure(Arc::clone(&state))))
        .workers(workers.get())
        .client_request_timeout(HEAD_DEADLINE)
        .keep_alive(KEEP_ALIVE)
        .shutdown_timeout(stop_deadline.as_secs())
        .disable_signals()
        .listen(listener)?;
    Ok(server.run())
}
