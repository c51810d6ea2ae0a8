//! The server itself: listening, deadlines for slow clients, and stopping without losing a request.
//!
//! actix's `HttpServer` has a deadline for a connection's first head and for nothing that a client does later, and at a stop it closes
//! connections whose request it has not read yet. So its parts are put together here, over a stream that knows both:
//! `client_stream` and, for the rules, `pace`.

mod client_stream;
pub(crate) mod pace;
mod stop;

use crate::routes;
use crate::server::client_stream::ClientStream;
use crate::server::pace::Patience;
use crate::server::stop::Connections;
use crate::state::HttpState;
use actix_http::{HttpService, Protocol};
use actix_server::Server;
use actix_service::{IntoServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::dev::AppConfig;
use actix_web::rt::net::TcpStream;
use actix_web::web::ServiceConfig;
use actix_web::{App, Error, HttpResponse};
use std::io;
use std::net::TcpListener;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

/// How long a client that was told of the end of a connection may take to see it.
const GOODBYE: Duration = Duration::from_secs(1);

/// How a server works and stops.
#[derive(Debug, Clone, Copy)]
pub struct ServerSettings {
    /// Threads that answer requests.
    pub workers: NonZeroUsize,
    /// How long a server that is to stop goes on, saying that it is not ready.
    pub stop_delay: Duration,
    /// How long requests under way may take to finish after that, in whole seconds.
    pub stop_timeout: Duration,
}

/// Serves the API on `listener` until `stop` is ready, and then in order:
///
/// 1. readiness is off, and every answer closes its connection;
/// 2. for the time of the delay, in which a load balancer sees that and turns away, all goes on;
/// 3. the line of connections that wait to be accepted is worked off, and no longer filled;
/// 4. idle connections are closed, requests under way are finished, within the time-out.
///
/// Signals are the caller's affair.
///
/// # Errors
/// Where the listener cannot be used, or the server ends by itself.
pub async fn serve(
    listener: TcpListener,
    state: Arc<HttpState>,
    settings: ServerSettings,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let backlog = listener.try_clone()?;
    let connections = Connections::new(Arc::clone(&state.observation.traffic));
    let for_routes = Arc::clone(&state);
    let routes = move || routes::configure(Arc::clone(&for_routes));
    let mut server = start(listener, &state, &connections, settings, routes)?;
    tokio::select! {
        outcome = &mut server => return outcome,
        () = stop => {}
    }
    state.drain();
    tokio::select! {
        outcome = &mut server => return outcome,
        () = tokio::time::sleep(settings.stop_delay) => {}
    }
    stop::close(server, &backlog, &connections).await
}

/// Serves `/metrics` and `/health` on a `listener` of their own, for whoever watches the process, until `stop` is ready.
/// It is one thread, and is stopped last: what watches a process wants to see it stop.
///
/// # Errors
/// Where the listener cannot be used, or the server ends by itself.
pub async fn serve_observation(
    listener: TcpListener,
    state: Arc<HttpState>,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let connections = Connections::new(Arc::default());
    let for_routes = Arc::clone(&state);
    let routes = move || routes::configure_observation(Arc::clone(&for_routes));
    let settings = ServerSettings {
        workers: NonZeroUsize::MIN,
        stop_delay: Duration::ZERO,
        stop_timeout: GOODBYE,
    };
    let mut server = start(listener, &state, &connections, settings, routes)?;
    tokio::select! {
        outcome = &mut server => return outcome,
        () = stop => {}
    }
    let handle = server.handle();
    let (outcome, ()) = tokio::join!(server, handle.stop(false));
    outcome
}

fn start<R, C>(
    listener: TcpListener,
    state: &HttpState,
    connections: &Connections,
    settings: ServerSettings,
    routes: R,
) -> io::Result<Server>
where
    R: Fn() -> C + Clone + Send + 'static,
    C: FnOnce(&mut ServiceConfig) + 'static,
{
    let patience = Patience::of(&state.settings);
    let (head_deadline, keep_alive) = (state.settings.head_deadline, state.settings.keep_alive);
    let connections = connections.clone();
    let server = Server::build()
        .workers(settings.workers.get())
        .shutdown_timeout(settings.stop_timeout.as_secs())
        .disable_signals();
    let server = server.listen("gatewright", listener, move || {
        let connections = connections.clone();
        let accept = fn_service(move |stream: TcpStream| {
            let peer = stream.peer_addr().ok();
            let stream = ClientStream::new(stream, patience, &connections);
            async move { Ok::<_, actix_http::error::DispatchError>((stream, Protocol::Http1, peer)) }
        });
        let app = App::new().configure(routes());
        let app = ServiceFactoryExt::map_err(app.into_factory(), |error: Error| -> HttpResponse {
            error.error_response()
        });
        let http = HttpService::build()
            .keep_alive(keep_alive)
            .client_request_timeout(head_deadline)
            .client_disconnect_timeout(GOODBYE)
            .on_connect_ext(|stream: &ClientStream, data| {
                data.insert(stream.pace());
            })
            .finish(map_config(app, |()| AppConfig::default()));
        accept.and_then(http)
    })?;
    Ok(server.run())
}
