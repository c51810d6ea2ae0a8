//! A server on a port, and raw connections to it.

use crate::world::World;
use gatewright_delivery_http::server::{self, ServerSettings};
use std::future::pending;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Serves until the test is over.
pub(crate) fn start(world: &World) -> SocketAddr {
    let (listener, address) = listen();
    let server = server::serve(listener, Arc::clone(&world.state), settings(), pending());
    actix_web::rt::spawn(server);
    address
}

/// A server that can be told to stop.
pub(crate) struct Stoppable {
    pub(crate) address: SocketAddr,
    pub(crate) stop: oneshot::Sender<()>,
    pub(crate) stopped: JoinHandle<io::Result<()>>,
}

pub(crate) fn start_stoppable(world: &World, stop_delay: Duration) -> Stoppable {
    let (listener, address) = listen();
    let (stop, told) = oneshot::channel();
    let settings = ServerSettings {
        stop_delay,
        ..settings()
    };
    let server = server::serve(listener, Arc::clone(&world.state), settings, async {
        told.await.unwrap();
    });
    let stopped = actix_web::rt::spawn(server);
    Stoppable { address, stop, stopped }
}

pub(crate) fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

fn settings() -> ServerSettings {
    ServerSettings {
        workers: NonZeroUsize::MIN,
        stop_delay: Duration::ZERO,
        stop_timeout: Duration::from_secs(30),
    }
}

/// Sends `request` and reads until the server closes the connection.
pub(crate) async fn exchange(address: SocketAddr, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // The server may answer and close before it has taken everything.
    let _ = stream.write_all(request).await;
    rest_of(stream).await
}

/// What comes until the server closes the connection.
pub(crate) async fn rest_of(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

/// Reads one answer with a body of announced length, and leaves the connection as it is.
pub(crate) async fn one_answer(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&answer).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return text;
            }
        }
        let mut bytes = [0; 4096];
        let read = stream.read(&mut bytes).await.unwrap();
        assert_ne!(read, 0, "closed after {text:?}");
        answer.extend_from_slice(&bytes[..read]);
    }
}
