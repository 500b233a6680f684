use std::{
    io,
    net::SocketAddr,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};
use tokio_util::sync::CancellationToken;

/// A TCP port that leads to a server and can be cut off from it.
pub struct Proxy {
    addr: SocketAddr,
    state: Arc<State>,
}

struct State {
    target: String,
    up: AtomicBool,
    refused: AtomicUsize,
    /// Cancelled to cut the connections made since it was set.
    cut: Mutex<CancellationToken>,
    end: CancellationToken,
}

impl Proxy {
    /// # Errors
    /// When no port is free.
    pub async fn to(target: &str) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let addr = listener.local_addr()?;
        let state = Arc::new(State {
            target: target.to_owned(),
            up: AtomicBool::new(true),
            refused: AtomicUsize::new(0),
            cut: Mutex::default(),
            end: CancellationToken::new(),
        });
        tokio::spawn(accept(listener, state.clone()));
        Ok(Self { addr, state })
    }

    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Cuts the connections there are; new ones succeed.
    pub fn cut(&self) {
        std::mem::take(&mut *self.state.cut()).cancel();
    }

    /// Cuts the connections and closes new ones at once, until [`Proxy::restore`].
    pub fn interrupt(&self) {
        self.state.up.store(false, Ordering::SeqCst);
        self.cut();
    }

    /// How many connections were tried while interrupted.
    #[must_use]
    pub fn refused(&self) -> usize {
        self.state.refused.load(Ordering::SeqCst)
    }

    pub fn restore(&self) {
        self.state.up.store(true, Ordering::SeqCst);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.state.end.cancel();
        self.cut();
    }
}

impl State {
    fn cut(&self) -> std::sync::MutexGuard<'_, CancellationToken> {
        self.cut.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    while let Some(Ok((client, _))) = state.end.run_until_cancelled(listener.accept()).await {
        let cut = state.cut().clone();
        // Dropping the connection closes it.
        if state.up.load(Ordering::SeqCst) {
            tokio::spawn(forward(client, cut, state.target.clone()));
        } else {
            state.refused.fetch_add(1, Ordering::SeqCst);
        }
    }
}

async fn forward(mut client: TcpStream, cut: CancellationToken, target: String) {
    let copied = cut
        .run_until_cancelled(async {
            let mut server = TcpStream::connect(&target).await?;
            copy_bidirectional(&mut client, &mut server).await
        })
        .await;
    if let Some(Err(error)) = copied {
        eprintln!("proxied connection to {target}: {error}");
    }
}
