//! A body on its way to another thread: actix's own may not leave the one it arrives on.

use std::io;

use actix_web::web::{Bytes, Payload};
use futures::channel::mpsc;
use futures::{SinkExt, StreamExt, stream};
use tokio::io::AsyncRead;
use tokio_util::io::StreamReader;

/// Pieces that may wait to be read, about a network buffer each.
const WAITING: usize = 8;

/// The body to read elsewhere, and the work here that feeds it. Work that is dropped before its end, as when the caller
/// hangs up, ends the reading in an error and not in a seemingly complete file.
pub fn relay(mut payload: Payload) -> (impl AsyncRead + Send + Unpin + 'static, impl Future<Output = ()>) {
    let (mut sender, receiver) = mpsc::channel(WAITING);
    let sending = async move {
        while let Some(piece) = payload.next().await {
            let piece = piece.map_err(|_| io::Error::other("the file was not received completely"));
            // Nobody reads on: the header was refused.
            if sender.send(Some(piece)).await.is_err() {
                return;
            }
        }
        drop(sender.send(None).await);
    };
    (StreamReader::new(Box::pin(whole(receiver))), sending)
}

type Piece = Option<io::Result<Bytes>>;

/// The pieces up to the `None` that ends them; without it, an error is the last.
fn whole(receiver: mpsc::Receiver<Piece>) -> impl stream::Stream<Item = io::Result<Bytes>> {
    stream::unfold(Some(receiver), |receiver| async move {
        let mut receiver = receiver?;
        match receiver.next().await {
            Some(Some(piece)) => Some((piece, Some(receiver))),
            Some(None) => None,
            None => {
                let error = io::Error::new(io::ErrorKind::UnexpectedEof, "the file was not received completely");
                Some((Err(error), None))
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;

    use super::*;

    async fn read(pieces: Vec<Piece>) -> io::Result<String> {
        let (mut sender, receiver) = mpsc::channel(WAITING);
        for piece in pieces {
            sender.send(piece).await.expect("there is room");
        }
        drop(sender);
        let mut text = String::new();
        StreamReader::new(Box::pin(whole(receiver))).read_to_string(&mut text).await.map(|_| text)
    }

    #[tokio::test]
    async fn only_an_announced_end_is_the_end() {
        let piece = |text: &'static str| Some(Ok(Bytes::from(text)));
        assert_eq!(read(vec![piece("a,b"), piece("\n1,2"), None]).await.expect("is whole"), "a,b\n1,2");
        let cut = read(vec![piece("a,b"), piece("\n1,2")]).await;
        assert_eq!(cut.map_err(|error| error.kind()), Err(io::ErrorKind::UnexpectedEof));
    }
}
