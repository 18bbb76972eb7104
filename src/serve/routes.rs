//! Requests to answers.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use serde::Serialize;
use serde_json::value::RawValue;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::assets;
use super::guard::{Guard, Refusal};
use super::limits::Limits;
use crate::analysis::overview::short::Short;
use crate::explore::catalogue::Catalogue;
use crate::explore::{Asked, ExploreError, Explorer, Queue, Reply};
use crate::report::html::shared;
use crate::report::outlines;

/// What is needed to answer.
pub struct Routes {
    /// Who may ask.
    pub guard: Guard,
    /// Limits.
    pub limits: Limits,
    /// What answers.
    pub queue: Queue,
    /// What pages must know first, as JSON.
    world: Bytes,
}

/// What a page may do: nothing but what it brings, and questions to where it came from. Pictures are made
/// of the page's own (`blob:`, `data:`); charts set styles of their elements.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; \
                      img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// What a page must know first: the catalogue, and where everything lies on the map.
#[derive(Serialize)]
struct World<'a> {
    #[serde(flatten)]
    catalogue: &'a Catalogue,
    /// Places of the areas on the map, east and down.
    places: Vec<Option<[Short; 2]>>,
    /// Outlines of the countries.
    outlines: Box<RawValue>,
}

impl<'a> World<'a> {
    fn of(catalogue: &'a Catalogue) -> Self {
        let place = |at: [f64; 2]| {
            let [x, y] = outlines::project(at);
            [Short(x), Short(-y)]
        };
        World {
            catalogue,
            places: catalogue.areas.iter().map(|area| area.at.map(place)).collect(),
            outlines: RawValue::from_string(shared::outlines_json()).unwrap_or_default(),
        }
    }
}

type Answer = Response<Full<Bytes>>;

impl Routes {
    /// Routes to an explorer.
    pub fn new(explorer: Arc<Explorer>, guard: Guard, limits: Limits) -> Self {
        let world = World::of(explorer.catalogue());
        // It holds plain numbers and texts: it can be written.
        let world = serde_json::to_vec(&world).unwrap_or_default().into();
        Routes { guard, limits, queue: Queue::new(explorer), world }
    }

    /// Answers a request, whatever it is.
    ///
    /// # Errors
    /// Never.
    pub async fn answer(&self, request: Request<Incoming>) -> Result<Answer, Infallible> {
        let answer = match self.found(request).await {
            Ok(answer) => answer,
            Err((status, why)) => told(status, why),
        };
        Ok(answer)
    }

    async fn found(&self, request: Request<Incoming>) -> Result<Answer, Refusal> {
        self.guard.admits(request.uri(), request.headers())?;
        let is_get = request.method() == Method::GET;
        let path = request.uri().path();
        if let Some((kind, text)) = assets::find(path) {
            if !is_get {
                return Err((StatusCode::METHOD_NOT_ALLOWED, "expected GET"));
            }
            return Ok(answer(StatusCode::OK, kind, Bytes::from_static(text.as_bytes())));
        }
        match path {
            "/api/world" if is_get => {
                self.guard.knows(request.headers())?;
                Ok(answer(StatusCode::OK, assets::JSON, self.world.clone()))
            }
            "/api/ask" if request.method() == Method::POST => {
                self.guard.knows(request.headers())?;
                let asked = self.read(request).await?;
                Ok(self.asked(asked).await)
            }
            "/api/world" | "/api/ask" => Err((
                StatusCode::METHOD_NOT_ALLOWED,
                "expected GET of the world, POST of a question",
            )),
            _ => Err((StatusCode::NOT_FOUND, "there is nothing here")),
        }
    }

    /// Reads a question, as far as it is not too long and does not come too slowly.
    async fn read(&self, request: Request<Incoming>) -> Result<Result<Asked, String>, Refusal> {
        let kind = request.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
        if kind != Some(b"application/json") {
            return Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, "expected application/json"));
        }
        // What is announced to be too long need not come first.
        if request.body().size_hint().lower() > self.limits.body as u64 {
            return Err((StatusCode::PAYLOAD_TOO_LARGE, "the question is too long"));
        }
        let body = Limited::new(request.into_body(), self.limits.body).collect();
        let read = timeout(self.limits.body_time, body).await;
        let read = read.map_err(|_| (StatusCode::REQUEST_TIMEOUT, "the question took too long"))?;
        let body = read.map_err(|error| match error.is::<LengthLimitError>() {
            true => (StatusCode::PAYLOAD_TOO_LARGE, "the question is too long"),
            false => (StatusCode::BAD_REQUEST, "the question broke off"),
        })?;
        Ok(serde_json::from_slice(&body.to_bytes()).map_err(|error| error.to_string()))
    }

    async fn asked(&self, asked: Result<Asked, String>) -> Answer {
        let asked = match asked {
            Ok(asked) => asked,
            Err(problem) => return told(StatusCode::BAD_REQUEST, &problem),
        };
        let (sender, receiver) = oneshot::channel();
        // Dropped with this future when the page goes away, and then nobody computes for it.
        let _ticket = self.queue.ask(asked, move |answered| {
            // Nobody may be there to hear it any more.
            let _ = sender.send(answered);
        });
        match timeout(self.limits.answer_time, receiver).await {
            Ok(Ok(Ok(reply))) => said(reply),
            Ok(Ok(Err(error))) => told(status_of(&error), &error.to_string()),
            Ok(Err(_)) => told(StatusCode::INTERNAL_SERVER_ERROR, "a fault of shocksweep"),
            Err(_) => told(StatusCode::GATEWAY_TIMEOUT, "it takes too long; ask for less"),
        }
    }
}

fn status_of(error: &ExploreError) -> StatusCode {
    match error {
        ExploreError::Stale => StatusCode::CONFLICT,
        ExploreError::Busy(_) => StatusCode::SERVICE_UNAVAILABLE,
        error if error.is_asked_wrongly() => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn said(reply: Reply) -> Answer {
    if let Reply::Table(bytes) = reply {
        return answer(StatusCode::OK, assets::ARROW, bytes.into());
    }
    match serde_json::to_vec(&reply) {
        Ok(json) => answer(StatusCode::OK, assets::JSON, json.into()),
        Err(_) => told(StatusCode::INTERNAL_SERVER_ERROR, "a fault of shocksweep"),
    }
}

/// A sentence for people, as JSON.
fn told(status: StatusCode, why: &str) -> Answer {
    let json = serde_json::json!({ "error": why }).to_string();
    answer(status, assets::JSON, json.into())
}

fn answer(status: StatusCode, kind: &'static str, body: Bytes) -> Answer {
    let mut answer = Response::new(Full::new(body));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    answer
}
