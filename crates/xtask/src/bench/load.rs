//! Requests as fast as they are answered.

use std::time::{Duration, Instant};

use futures::future::try_join_all;
use hdrhistogram::Histogram;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use system_tests::Api;

use super::{Operation, Options};

/// How many customers the reads and interactions are spread over.
const CUSTOMERS: usize = 200;

#[derive(Clone, Copy)]
pub struct Figures {
    pub per_second: f64,
    pub p50: Duration,
    pub p99: Duration,
}

/// How long each of many things took.
pub struct Times {
    begun: Instant,
    microseconds: Histogram<u64>,
}

impl Default for Times {
    fn default() -> Self {
        Self { begun: Instant::now(), microseconds: Histogram::new(3).expect("3 digits are allowed") }
    }
}

impl Times {
    pub fn note(&mut self, time: Duration) {
        let microseconds = u64::try_from(time.as_micros()).expect("nothing takes 500,000 years");
        self.microseconds.record(microseconds).expect("it grows as needed");
    }

    pub fn add(&mut self, other: &Self) {
        self.microseconds.add(&other.microseconds).expect("both grow as needed");
    }

    pub fn figures(&self) -> Figures {
        self.figures_over(self.begun.elapsed())
    }

    pub fn figures_over(&self, elapsed: Duration) -> Figures {
        let at = |quantile| Duration::from_micros(self.microseconds.value_at_quantile(quantile));
        #[allow(clippy::cast_precision_loss)]
        let count = self.microseconds.len() as f64;
        Figures { per_second: count / elapsed.as_secs_f64(), p50: at(0.50), p99: at(0.99) }
    }
}

pub async fn run(api: &Api, operation: Operation, options: &Options) -> Result<Figures, String> {
    let customers = customers(api).await?;
    let request = |n: usize| -> RequestBuilder {
        let customer = &customers[n % customers.len()];
        match operation {
            Operation::CreateCustomer => api.request(Method::POST, "/customers").json(&customer_body(n)),
            Operation::ReadCustomer => api.request(Method::GET, &format!("/customers/{customer}")),
            Operation::ListCustomers => api.request(Method::GET, "/customers?limit=50"),
            Operation::CreateInteraction => api.request(Method::POST, "/interactions").json(&interaction(customer)),
        }
    };
    requests(api, options, request).await
}

/// Requests of any kind. What the first ones pay for - connections, caches - is not what is measured.
pub async fn requests(
    api: &Api,
    options: &Options,
    request: impl Fn(usize) -> RequestBuilder,
) -> Result<Figures, String> {
    drive(api, options.connections, Duration::from_secs(1), &request).await?;
    drive(api, options.connections, Duration::from_secs(options.seconds), &request).await
}

async fn drive(
    api: &Api,
    connections: usize,
    duration: Duration,
    request: &impl Fn(usize) -> RequestBuilder,
) -> Result<Figures, String> {
    let begun = Instant::now();
    let workers = (0..connections).map(|worker| async move {
        let mut times = Times::default();
        let mut n = worker;
        while begun.elapsed() < duration {
            let sent = Instant::now();
            let answer = api.send(request(n)).await.map_err(|error| error.to_string())?;
            if !answer.status.is_success() {
                return Err(answer.to_string());
            }
            times.note(sent.elapsed());
            n += connections;
        }
        Ok(times)
    });
    let mut all = Times::default();
    for times in try_join_all(workers).await? {
        all.add(&times);
    }
    Ok(all.figures_over(begun.elapsed()))
}

async fn customers(api: &Api) -> Result<Vec<String>, String> {
    let found = api.try_get(&format!("/customers?limit={CUSTOMERS}")).await?;
    let mut ids: Vec<_> = found["items"].as_array().into_iter().flatten().filter_map(id).collect();
    while ids.len() < CUSTOMERS {
        ids.push(new_customer(api).await?);
    }
    Ok(ids)
}

pub async fn new_customer(api: &Api) -> Result<String, String> {
    let customer = api.post("/customers", &customer_body(0)).await;
    id(&customer).ok_or_else(|| format!("no id in {customer}"))
}

fn id(item: &Value) -> Option<String> {
    item["id"].as_str().map(str::to_owned)
}

fn customer_body(n: usize) -> Value {
    json!({
        "name": format!("Huaxing Telecom {n}"), "tier": "B", "industry": "telecom", "country": "CN", "city": "Shenzhen",
        "owner": "li.wei",
    })
}

pub fn interaction(customer: &str) -> Value {
    json!({
        "customer_id": customer, "occurred_at": "2026-10-05T02:00:00Z", "channel": "call", "means": "routine_visit",
        "subject": "Quarterly review", "outcome": 3, "staff": ["li.wei"],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles() {
        let mut times = Times::default();
        (1..=100).for_each(|milliseconds| times.note(Duration::from_millis(milliseconds)));
        let figures = times.figures_over(Duration::from_secs(10));
        assert_eq!((figures.per_second, figures.p50.as_millis(), figures.p99.as_millis()), (10.0, 50, 99));
    }
}
