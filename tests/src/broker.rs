use lapin::{
    BasicProperties, Channel, Connection, ConnectionProperties,
    options::{
        BasicGetOptions, BasicNackOptions, BasicPublishOptions, ConfirmSelectOptions, ExchangeDeleteOptions,
        QueueBindOptions, QueueDeclareOptions, QueueDeleteOptions,
    },
    types::{AMQPValue, FieldTable, ShortString},
    uri::AMQPUri,
};
use uuid::Uuid;

use crate::{SERVICES, proxy::Proxy, waiting::in_the_end};

/// The part of a broker that belongs to one system: its names begin with a prefix of their own.
pub(crate) struct Broker {
    server: String,
    prefix: String,
    proxy: Proxy,
}

/// A message that a service has given up.
#[derive(Debug, Clone)]
pub struct DeadLetter {
    pub body: Vec<u8>,
    /// Every header as text, for the reason among them.
    pub headers: Vec<(String, String)>,
}

/// A queue that a test reads from. It goes with its connection.
pub struct Tap {
    queue: ShortString,
    channel: Channel,
    _connection: Connection,
}

impl Tap {
    /// What has come since the last time.
    pub async fn drain(&self) -> Vec<Vec<u8>> {
        let mut bodies = Vec::new();
        loop {
            let got = self.channel.basic_get(self.queue.clone(), BasicGetOptions { no_ack: true }).await;
            match got.expect("the broker answers") {
                Some(message) => bodies.push(message.data.clone()),
                None => return bodies,
            }
        }
    }
}

impl Broker {
    /// The broker of `GUANXI_TEST_BROKER_URL`, behind a proxy.
    pub async fn of_the_tests() -> Self {
        let server =
            std::env::var("GUANXI_TEST_BROKER_URL").unwrap_or_else(|_| "amqp://guest:guest@127.0.0.1:5672/%2f".into());
        let uri: AMQPUri = server.parse().expect("GUANXI_TEST_BROKER_URL is an amqp:// address");
        let proxy = Proxy::to(format!("{}:{}", uri.authority.host, uri.authority.port)).await;
        Self { server, prefix: format!("system-{}-", Uuid::now_v7().simple()), proxy }
    }

    /// Where the services reach it: through the proxy.
    pub fn url(&self) -> String {
        let (scheme, rest) = self.server.split_once("://").expect("checked when parsed");
        let (authority, path) = rest.split_once('/').unwrap_or((rest, "%2f"));
        let login = authority.rsplit_once('@').map_or(String::new(), |(login, _)| format!("{login}@"));
        format!("{scheme}://{login}{}/{path}?prefix={}", self.proxy.address(), self.prefix)
    }

    pub fn proxy(&self) -> &Proxy {
        &self.proxy
    }

    /// Puts bytes on the exchange as they are.
    pub async fn publish(&self, event_type: &str, body: &[u8]) {
        let (_connection, channel) = self.channel().await;
        channel.confirm_select(ConfirmSelectOptions::default()).await.expect("confirms");
        let exchange = format!("{}guanxi.events", self.prefix);
        let (options, properties) = (BasicPublishOptions::default(), BasicProperties::default().with_delivery_mode(2));
        let confirm = channel.basic_publish(exchange.into(), event_type.into(), options, body, properties).await;
        confirm.expect("a channel to publish on").await.expect("a confirm");
    }

    /// Binds a queue for one type of event; the services have made the exchange.
    pub async fn tap(&self, event_type: &str) -> Tap {
        let (connection, channel) = self.channel().await;
        let options = QueueDeclareOptions { exclusive: true, ..QueueDeclareOptions::default() };
        let queue = channel.queue_declare("".into(), options, FieldTable::default()).await.expect("a queue");
        let (queue, exchange) = (queue.name().clone(), format!("{}guanxi.events", self.prefix));
        let (options, arguments) = (QueueBindOptions::default(), FieldTable::default());
        let bound = channel.queue_bind(queue.clone(), exchange.into(), event_type.into(), options, arguments);
        bound.await.expect("a binding");
        Tap { queue, channel, _connection: connection }
    }

    /// The oldest dead letter of a service, which stays where it is.
    pub async fn dead_letter(&self, service: &str) -> Option<DeadLetter> {
        let (_connection, channel) = self.channel().await;
        let queue = format!("{}{service}.dead", self.prefix);
        let message = channel.basic_get(queue.into(), BasicGetOptions::default()).await.ok().flatten()?;
        let headers = message.properties.headers().as_ref().map(texts).unwrap_or_default();
        let letter = DeadLetter { body: message.data.clone(), headers };
        message.nack(BasicNackOptions { requeue: true, multiple: false }).await.expect("the letter goes back");
        Some(letter)
    }

    /// The connection is given along because it closes when dropped.
    async fn channel(&self) -> (Connection, Channel) {
        open(&self.server).await
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let (server, prefix) = (self.server.clone(), std::mem::take(&mut self.prefix));
        in_the_end("deleting the queues of this test", async move { delete(&server, &prefix).await });
    }
}

async fn open(server: &str) -> (Connection, Channel) {
    let connection = Connection::connect(server, ConnectionProperties::default())
        .await
        .unwrap_or_else(|error| panic!("no RabbitMQ for the tests ({error}): ./tests/run finds or starts one"));
    let channel = connection.create_channel().await.expect("a channel");
    (connection, channel)
}

/// Deletes everything of one system. What it never declared is no error to the broker.
async fn delete(server: &str, prefix: &str) {
    let (_connection, channel) = open(server).await;
    for service in SERVICES {
        for kind in ["", ".dead", ".retry.1", ".retry.2", ".retry.3", ".retry.4", ".retry.5"] {
            let queue = format!("{prefix}{service}{kind}");
            channel.queue_delete(queue.into(), QueueDeleteOptions::default()).await.expect("queues can be deleted");
        }
    }
    let unrouted = format!("{prefix}guanxi.unrouted");
    channel.queue_delete(unrouted.into(), QueueDeleteOptions::default()).await.expect("queues can be deleted");
    for name in ["guanxi.events", "guanxi.unrouted"] {
        let exchange = format!("{prefix}{name}");
        channel.exchange_delete(exchange.into(), ExchangeDeleteOptions::default()).await.expect("exchanges too");
    }
}

fn texts(headers: &FieldTable) -> Vec<(String, String)> {
    let text = |value: &AMQPValue| match value {
        AMQPValue::LongString(text) => String::from_utf8_lossy(text.as_bytes()).into_owned(),
        AMQPValue::ShortString(text) => text.to_string(),
        other => format!("{other:?}"),
    };
    headers.inner().iter().map(|(name, value)| (name.to_string(), text(value))).collect()
}
