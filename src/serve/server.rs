//! Listens, and serves every connection until it ends, goes quiet or becomes too slow.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::guard::{Guard, Token};
use super::limits::{Impatient, Limits};
use super::routes::Routes;
use crate::explore::Explorer;

/// A server that cannot be.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// It cannot listen there.
    #[error("cannot listen at {address}: {source}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The system refuses something else.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// A server that listens already and answers once it is run.
pub struct Server {
    listener: std::net::TcpListener,
    address: SocketAddr,
    routes: Routes,
}

impl Server {
    /// Listens at `address`; port 0 is any free one. `names` are further names of this machine.
    ///
    /// # Errors
    /// The address is taken, or not this machine's.
    pub fn bind(
        explorer: Arc<Explorer>,
        address: SocketAddr,
        token: Token,
        names: Vec<String>,
        limits: Limits,
    ) -> Result<Self, ServeError> {
        let listen = |source| ServeError::Listen { address, source };
        let listener = std::net::TcpListener::bind(address).map_err(listen)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let guard = Guard::new(token, address, names);
        Ok(Server { listener, address, routes: Routes::new(explorer, guard, limits) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until the process ends, or `stop` comes.
    ///
    /// # Errors
    /// The system refuses to listen.
    pub fn run(self, stop: impl Future<Output = ()>) -> Result<(), ServeError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let listener = TcpListener::from_std(self.listener)?;
            tokio::spawn(accept(listener, Arc::new(self.routes)));
            stop.await;
            Ok(())
        })
    }
}

/// How long it waits where the system has no room for another connection.
const BREATH: Duration = Duration::from_millis(50);

async fn accept(listener: TcpListener, routes: Arc<Routes>) {
    let room = Arc::new(Semaphore::new(routes.limits.connections));
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(BREATH).await;
            continue;
        };
        // Without room the connection is closed at once: the client sees it, and may come again.
        if let Ok(permit) = room.clone().try_acquire_owned() {
            tokio::spawn(serve(stream, routes.clone(), permit));
        }
    }
}

async fn serve(stream: TcpStream, routes: Arc<Routes>, _permit: OwnedSemaphorePermit) {
    // Answers are written whole; waiting for more would only delay them.
    let _ = stream.set_nodelay(true);
    let limits = routes.limits;
    let io = TokioIo::new(Impatient::new(stream, limits.write_time));
    let service = service_fn(move |request| {
        let routes = routes.clone();
        async move { routes.answer(request).await }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_time)
        .max_buf_size(limits.head)
        .max_headers(limits.headers)
        .serve_connection(io, service);
    // A connection that breaks is its client's affair.
    let _ = connection.await;
}
