//! In a host application, under a path of its choice.

use crate::world::World;
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::{App, HttpResponse, web};
use gatewright_delivery_http::routes;
use std::sync::Arc;

#[actix_web::test]
async fn a_host_mounts_everything_below_a_path_and_keeps_its_own() {
    let world = World::new();
    let state = Arc::clone(&world.state);
    let own = web::get().to(async || HttpResponse::Ok().body("the host's own"));
    let app = App::new()
        .service(web::scope("/id").configure(routes::configure(state)))
        .route("/own", own);
    let service = init_service(app).await;
    let get = async |path: &str| {
        let response = call_service(&service, TestRequest::get().uri(path).to_request()).await;
        let sealed = response.headers().contains_key("x-request-id");
        (response.status().as_u16(), sealed, read_body(response).await)
    };
    assert_eq!(
        get("/id/health/live").await,
        (200, true, web::Bytes::from("{\"status\":\"ok\"}"))
    );
    let (status, sealed, body) = get("/id/nowhere").await;
    assert_eq!((status, sealed), (404, true));
    assert!(body.windows(9).any(|part| part == b"not_found"));
    assert_eq!(get("/own").await, (200, false, web::Bytes::from("the host's own")));
    assert_eq!(get("/nowhere").await.0, 404);
}
