//! The limit of reading the current user: actix-web answering the same bytes from memory, as a process of its own
//! with as many workers as the server.

use actix_web::http::header::ContentType;
use actix_web::{App, HttpResponse, HttpServer, web};
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

const BODY: &str = "GATEWRIGHT_BENCH_BODY";

/// The body to serve, where this process was started as the bare server.
pub(crate) fn child_body() -> Option<String> {
    std::env::var(BODY).ok()
}

/// Serves `body` at `/` on a free port, and prints the address.
pub(crate) fn serve(body: String) {
    let body = web::Bytes::from(body);
    let handler = move || {
        let body = body.clone();
        async move { HttpResponse::Ok().content_type(ContentType::json()).body(body) }
    };
    let system = actix_web::rt::System::new();
    system.block_on(async move {
        let server = HttpServer::new(move || App::new().route("/", web::get().to(handler.clone())));
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        let server = server.workers(workers).bind(("127.0.0.1", 0)).unwrap();
        println!("{}", server.addrs().first().unwrap());
        server.run().await.unwrap();
    });
}

/// The bare server; killed when dropped.
pub(crate) struct BareHttp {
    child: Child,
    pub(crate) address: String,
}

impl BareHttp {
    pub(crate) fn start(body: &str) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let mut child = command.env(BODY, body).stdout(Stdio::piped()).spawn().unwrap();
        let mut address = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut address)
            .unwrap();
        Self {
            child,
            address: address.trim().to_owned(),
        }
    }
}

impl Drop for BareHttp {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
