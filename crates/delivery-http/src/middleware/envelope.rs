//! The envelope of every request: its id, its log line, its problems, its headers, and a net under panics.
//!
//! One middleware and not five, since each costs a boxed future on the way of every request.

use crate::middleware::access_log::UNMATCHED;
use crate::middleware::request_id::{REQUEST_ID_HEADER, RequestId};
use crate::middleware::under_way::UnderWay;
use crate::middleware::{RoutePattern, access_log, response_headers, trace_span};
use crate::problem::{Problem, ProblemAnswer};
use crate::state::HttpState;
use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::error::InternalError;
use actix_web::http::header::{CONTENT_TYPE, HeaderValue};
use actix_web::http::{ConnectionType, StatusCode};
use actix_web::{Error, HttpMessage, HttpResponse, web};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use gatewright_application::ports::measurements::AnsweredRequest;
use std::future::{Ready, ready};
use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use tracing::Instrument;

/// Wraps every route.
pub(crate) struct Envelope(pub(crate) web::Data<HttpState>);

impl<S, B> Transform<S, ServiceRequest> for Envelope
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = EnvelopeService<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(EnvelopeService {
            service: Rc::new(service),
            state: self.0.clone(),
        }))
    }
}

/// The wrapped service.
pub(crate) struct EnvelopeService<S> {
    service: Rc<S>,
    state: web::Data<HttpState>,
}

impl<S, B> Service<ServiceRequest> for EnvelopeService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self::Response, Error>>;

    forward_ready!(service);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let (service, state) = (Rc::clone(&self.service), self.state.clone());
        let started = state.clock.now();
        let under_way = UnderWay::begin(&request, &state.observation.traffic);
        let id = RequestId::of_caller(&request).unwrap_or_else(|| RequestId::from_uuid(state.secrets.new_id(started)));
        let method = request.method().clone();
        request.extensions_mut().insert(id.clone());
        let trace = trace_span::begin(&request, id.as_str());
        let span = trace.in_scope(|| tracing::info_span!("request", request_id = id.as_str()));
        let answered = async move {
            let _under_way = under_way;
            let call = AssertUnwindSafe(async { service.call(request).await }).catch_unwind();
            let outcome = match call.await {
                Ok(Ok(response)) => Ok(enclose(response, &id, &state)),
                Ok(Err(error)) => Err(answer_to(&Problem::of(&error), &id, &state)),
                Err(_) => {
                    tracing::error!("a handler panicked");
                    Err(answer_to(&Problem::internal(), &id, &state))
                }
            };
            let (route, status) = match &outcome {
                Ok(response) => (RoutePattern::of(response.request()), response.status()),
                Err(response) => (UNMATCHED, response.status()),
            };
            let took = state.clock.now() - started;
            access_log::write(&method, route, status, took);
            trace_span::end(&trace, status);
            state.observation.measurements.request_answered(AnsweredRequest {
                route,
                method: method.as_str(),
                status: status.as_u16(),
                took: took.unsigned_abs(),
            });
            outcome.map_err(|response| InternalError::from_response("see the log", response).into())
        };
        Box::pin(answered.instrument(span))
    }
}

/// The answer with its headers, and with its problem written out where it is one.
fn enclose<B>(response: ServiceResponse<B>, id: &RequestId, state: &HttpState) -> ServiceResponse<EitherBody<B>> {
    let problem = response.response().error().map(Problem::of);
    let mut response = match problem {
        None => response.map_into_left_body(),
        Some(problem) => {
            let mut response = response.map_body(|_, _| EitherBody::right(problem_body(&problem, id)));
            write_problem_headers(&problem, response.response_mut());
            response
        }
    };
    write_headers(response.response_mut(), id, state);
    response
}

/// An answer where no endpoint and no guard came to give one.
fn answer_to(problem: &Problem, id: &RequestId, state: &HttpState) -> HttpResponse {
    let mut response = HttpResponse::with_body(problem.code().status(), problem_body(problem, id));
    write_problem_headers(problem, &mut response);
    write_headers(&mut response, id, state);
    response
}

fn problem_body(problem: &Problem, id: &RequestId) -> BoxBody {
    BoxBody::new(ProblemAnswer::of(problem, id.as_str()).to_json())
}

fn write_problem_headers<B>(problem: &Problem, response: &mut HttpResponse<B>) {
    let media_type = HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(CONTENT_TYPE, media_type);
    problem.write_headers(response.headers_mut());
}

fn write_headers<B>(response: &mut HttpResponse<B>, id: &RequestId, state: &HttpState) {
    response.headers_mut().insert(REQUEST_ID_HEADER, id.header());
    response_headers::write(response.headers_mut(), &state.settings);
    // A request that did not arrive in time (RFC 9110 §15.5.9) leaves a connection on which nobody knows what comes next.
    if state.is_draining() || response.status() == StatusCode::REQUEST_TIMEOUT {
        response.head_mut().set_connection_type(ConnectionType::Close);
    }
}
