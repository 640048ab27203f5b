//! A connection from its first request to its last.

use std::convert::Infallible;

use bytes::Bytes;
use http::header::CONNECTION;
use http::{HeaderValue, Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::Watcher;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::patience::Patience;
use crate::wire::{Talk, Wire};

/// The largest head of a request, and what is read of a body at a time, in bytes.
const BUFFER: usize = 64 * 1024;

/// An answer, and what it means for its connection.
pub(crate) struct Answer {
    pub(crate) response: Response<Bytes>,
    /// Whether it was given to somebody who was let in.
    pub(crate) lets_in: bool,
    /// Whether a part of the request's body was not read: nothing can follow it.
    pub(crate) is_unread: bool,
}

/// Answers what comes over a connection, until it ends.
pub(crate) async fn converse<S, F>(
    stream: S,
    patience: Patience,
    watcher: Watcher,
    answer: impl Fn(Request<Incoming>) -> F + Send + Sync,
) where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
    F: Future<Output = Answer>,
{
    let talk = &Talk::begin();
    let answer = &answer;
    let service = service_fn(move |request| async move {
        talk.asked();
        let Answer { mut response, lets_in, is_unread } = answer(request).await;
        if is_unread {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        talk.answered(lets_in, is_unread);
        Ok::<_, Infallible>(response.map(Full::new))
    });
    let mut http = http1::Builder::new();
    // The wire waits less long for most; this makes it look at the clock as soon as an answer is written.
    http.timer(TokioTimer::new()).header_read_timeout(patience.between).max_buf_size(BUFFER);
    let wire = TokioIo::new(Wire::over(stream, talk.clone(), patience));
    if let Err(error) = watcher.watch(http.serve_connection(wire, service)).await {
        tracing::debug!(%error, "a connection broke");
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hyper_util::server::graceful::GracefulShutdown;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
    use tokio::time::{Instant, sleep};

    use super::*;

    const REQUEST: &[u8] = b"GET /known HTTP/1.1\r\nhost: x\r\n\r\n";
    /// What the streams of these tests hold of what is not read yet, in bytes.
    const HELD: usize = 16 * 1024;
    const LARGE: usize = 1024 * 1024;

    /// The other end of a connection, whose requests are answered by their path.
    fn connect() -> DuplexStream {
        let (client, server) = duplex(HELD);
        tokio::spawn(async move {
            let open = GracefulShutdown::new();
            let patience = Patience::default();
            converse(server, patience, open.watcher(), async |request: Request<Incoming>| {
                let path = request.uri().path();
                if path == "/slow" {
                    sleep(Duration::from_secs(600)).await;
                }
                let body = Bytes::from(vec![b'.'; if path == "/large" { LARGE } else { 2 }]);
                Answer { response: Response::new(body), lets_in: path == "/known", is_unread: path == "/unread" }
            })
            .await;
        });
        client
    }

    /// Reads an answer of two bytes, and gives its head.
    async fn answer(client: &mut DuplexStream) -> String {
        let mut read = Vec::new();
        while !read.ends_with(b"\r\n\r\n..") {
            read.push(client.read_u8().await.unwrap());
        }
        String::from_utf8(read).unwrap()
    }

    /// How many seconds of the test's own clock pass until the connection is closed.
    async fn closed_after(client: &mut DuplexStream) -> u64 {
        let began = Instant::now();
        let mut rest = Vec::new();
        let _ = client.read_to_end(&mut rest).await;
        began.elapsed().as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_says_nothing_is_closed_after_twenty_seconds() {
        assert_eq!(closed_after(&mut connect()).await, 20);
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_has_ten_seconds_once_it_has_begun_however_regularly_a_byte_comes() {
        let mut client = connect();
        client.write_all(REQUEST).await.unwrap();
        answer(&mut client).await;
        sleep(Duration::from_secs(100)).await;
        let began = Instant::now();
        let mut sent = REQUEST.iter().cycle();
        client.write_all(b"GET /known HTTP/1.1\r\nx: ").await.unwrap();
        while client.write_u8(b'x').await.is_ok() && sent.next().is_some() {
            sleep(Duration::from_secs(1)).await;
        }
        assert!((10..=11).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn between_requests_only_those_are_waited_for_long_who_were_let_in() {
        for (path, seconds) in [("/known", 900), ("/anybody", 20)] {
            let mut client = connect();
            client.write_all(format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n").as_bytes()).await.unwrap();
            answer(&mut client).await;
            assert_eq!(closed_after(&mut client).await, seconds, "{path}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_may_take_its_time_to_be_found() {
        let mut client = connect();
        client.write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        assert!(answer(&mut client).await.starts_with("HTTP/1.1 200"));
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_read_an_answer_is_left_and_who_reads_it_slowly_gets_it() {
        for (bytes_a_second, whole) in [(0, false), (8 * 1024, false), (32 * 1024, true)] {
            let mut client = connect();
            client.write_all(b"GET /large HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
            let (began, mut read) = (Instant::now(), 0);
            let mut piece = vec![0; if bytes_a_second == 0 { LARGE } else { bytes_a_second }];
            loop {
                sleep(Duration::from_secs(1)).await;
                if bytes_a_second == 0 && began.elapsed().as_secs() < 60 {
                    continue;
                }
                match client.read(&mut piece).await {
                    Ok(bytes) if bytes > 0 => read += bytes,
                    _ => break,
                }
            }
            assert_eq!(read >= LARGE, whole, "{read} at {bytes_a_second} a second");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_still_sends_what_is_not_read_sees_the_answer_and_then_the_end() {
        let mut client = connect();
        client.write_all(b"POST /unread HTTP/1.1\r\nhost: x\r\ncontent-length: 50000\r\n\r\n").await.unwrap();
        client.write_all(&vec![b'x'; 49_999]).await.unwrap();
        assert!(answer(&mut client).await.contains("connection: close"));
        let began = Instant::now();
        assert_eq!(closed_after(&mut client).await, 0);
        // It could go on sending for a moment, but never for long.
        while client.write_all(&[b'x'; 100]).await.is_ok() {
            sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(began.elapsed().as_secs(), 2);
    }
}
