use gateway::{bootstrap, domain::Role};
use reqwest::Method;
use testkit::TestDb;

use crate::{
    house::{House, problem},
    standins::{self, CUSTOMER},
};

#[tokio::test]
async fn everything_about_a_customer_by_id_or_code() {
    let house = House::full(TestDb::sqlite()).await;
    let by_code = house.viewer().get("/api/v1/customers/C-000001/360").await;
    let etag = by_code.etag();
    let by_id = house.viewer().get(&format!("/api/v1/customers/{CUSTOMER}/360")).await.expect(200);
    assert_eq!(by_code.body, by_id);
    insta::assert_json_snapshot!(by_id, @r#"
    {
      "complaints": [
        {
          "state": "received"
        },
        {
          "state": "closed"
        }
      ],
      "contacts": [
        {
          "name": "Li"
        }
      ],
      "customer": {
        "code": "C-000001",
        "id": "0198a000-0000-7000-8000-00000000c001"
      },
      "interactions": [
        {
          "code": "I-000001"
        }
      ],
      "positions": [
        {
          "title": "CEO"
        }
      ],
      "score": {
        "engagement": 61
      },
      "unavailable": [],
      "withheld": []
    }
    "#);
    let again = house.viewer().request(Method::GET, "/api/v1/customers/C-000001/360").header("if-none-match", etag);
    assert_eq!(house.viewer().send(again).await.status, 304);
    assert_eq!(problem(house.viewer().get("/api/v1/customers/C-000404/360").await)["code"], "customer-not-found");
    assert_eq!(house.viewer().get("/api/v1/customers/%2E%2E/360").await.status, 404);
}

#[tokio::test]
async fn what_fails_is_named_and_the_rest_is_shown() {
    let running = [&standins::REGISTRY, &standins::INTERACTIONS, &standins::COMPLAINTS, &standins::SCORING];
    let mut house = House::new(TestDb::sqlite(), &running, &[]).await;
    house.services.pop().unwrap().stop().await;
    let view = house.viewer().get("/api/v1/customers/C-000001/360").await.expect(200);
    assert_eq!(view["unavailable"], serde_json::json!(["scoring"]));
    assert!(view.get("score").is_none());
    assert_eq!(view["contacts"].as_array().unwrap().len(), 1);
    house.services.remove(0).stop().await;
    let without_registry = house.viewer().get("/api/v1/customers/C-000001/360").await;
    assert_eq!(without_registry.problem(), (503, "service-unavailable"));
}

#[tokio::test]
async fn who_may_not_read_customers_sees_nothing() {
    let house = House::full(TestDb::sqlite()).await;
    bootstrap::ensure_api_key(&house.gateway.context().db, "nothing", "key-of-one-without-roles", &[]).await.unwrap();
    let answer = house.someone("key-of-one-without-roles").get("/api/v1/customers/C-000001/360").await;
    assert_eq!(answer.problem(), (403, "permission-missing"));
    let allowed =
        bootstrap::ensure_api_key(&house.gateway.context().db, "all", "key-of-one-with-a-role", &[Role::Viewer]).await;
    allowed.unwrap();
    house.someone("key-of-one-with-a-role").get("/api/v1/customers/C-000001/360").await.expect(200);
}
