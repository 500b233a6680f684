use testkit::{assert_reversible, both};

both! {
    async fn migrations_can_be_taken_back(db: TestDb) {
        assert_reversible(&db, gateway::SERVICE.migrations).await;
    }
}
