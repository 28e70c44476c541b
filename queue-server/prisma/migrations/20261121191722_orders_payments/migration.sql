-- CreateEnum
CREATE TYPE "order_kind" AS ENUM ('SEATS', 'GOODS');

-- CreateEnum
CREATE TYPE "payment_status" AS ENUM ('REQUESTED', 'READY', 'PAID', 'FAILED', 'CANCELLED', 'REFUNDING', 'REFUNDED');

-- AlterTable
ALTER TABLE "orders" ADD COLUMN     "admission_id" UUID,
ADD COLUMN     "confirmed_at" TIMESTAMPTZ(3),
ADD COLUMN     "delivery" TEXT,
ADD COLUMN     "end_reason" VARCHAR(32),
ADD COLUMN     "event_id" UUID,
ADD COLUMN     "event_starts_at" TIMESTAMPTZ(3),
ADD COLUMN     "fingerprint" CHAR(64),
ADD COLUMN     "followed_up_at" TIMESTAMPTZ(3),
ADD COLUMN     "hold_expires_at" TIMESTAMPTZ(3),
ADD COLUMN     "hold_id" UUID,
ADD COLUMN     "hold_settled_at" TIMESTAMPTZ(3),
ADD COLUMN     "idempotency_key" VARCHAR(128),
ADD COLUMN     "kind" "order_kind" NOT NULL DEFAULT 'GOODS',
ADD COLUMN     "permit_expires_at" TIMESTAMPTZ(3),
ADD COLUMN     "permit_hash" CHAR(64),
ADD COLUMN     "shipped_at" TIMESTAMPTZ(3),
ADD COLUMN     "version" INTEGER NOT NULL DEFAULT 1;

-- CreateTable
CREATE TABLE "order_seats" (
    "order_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "seat_id" UUID NOT NULL,
    "section" TEXT NOT NULL,
    "row" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "grade" TEXT NOT NULL,
    "unit_price" INTEGER NOT NULL,
    "ticket_code" VARCHAR(14),

    CONSTRAINT "order_seats_pkey" PRIMARY KEY ("order_id","position")
);

-- CreateTable
CREATE TABLE "payments" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "order_id" UUID NOT NULL,
    "provider" VARCHAR(20) NOT NULL,
    "status" "payment_status" NOT NULL DEFAULT 'REQUESTED',
    "amount" INTEGER NOT NULL,
    "currency" CHAR(3) NOT NULL DEFAULT 'KRW',
    "idempotency_key" VARCHAR(128),
    "fingerprint" CHAR(64),
    "checkout" JSONB,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "transaction_id" VARCHAR(64),
    "captured" INTEGER NOT NULL DEFAULT 0,
    "refunded" INTEGER NOT NULL DEFAULT 0,
    "method" VARCHAR(32),
    "failure_code" VARCHAR(32),
    "failure_message" VARCHAR(300),
    "paid_at" TIMESTAMPTZ(3),
    "asked_at" TIMESTAMPTZ(3),
    "ask_again_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "payments_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "refunds" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "payment_id" UUID NOT NULL,
    "amount" INTEGER NOT NULL,
    "reason" VARCHAR(32) NOT NULL,
    "cancellation_id" VARCHAR(64),
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "requested_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "done_at" TIMESTAMPTZ(3),

    CONSTRAINT "refunds_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "payment_effects" (
    "provider" VARCHAR(20) NOT NULL,
    "payment_id" UUID NOT NULL,
    "transaction_id" VARCHAR(64) NOT NULL,
    "effect" VARCHAR(20) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "payment_effects_pkey" PRIMARY KEY ("provider","payment_id","transaction_id","effect")
);

-- CreateTable
CREATE TABLE "webhook_deliveries" (
    "provider" VARCHAR(20) NOT NULL,
    "webhook_id" VARCHAR(128) NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "webhook_deliveries_pkey" PRIMARY KEY ("provider","webhook_id")
);

-- CreateTable
CREATE TABLE "outbox_events" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "event_type" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "aggregate_type" TEXT NOT NULL,
    "aggregate_id" UUID NOT NULL,
    "correlation_id" TEXT NOT NULL,
    "causation_id" UUID,
    "payload" JSONB NOT NULL,

    CONSTRAINT "outbox_events_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sent_events" (
    "id" UUID NOT NULL,
    "sent_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "event" JSONB NOT NULL,

    CONSTRAINT "sent_events_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "handled_events" (
    "consumer" VARCHAR(40) NOT NULL,
    "event_id" UUID NOT NULL,
    "handled_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "handled_events_pkey" PRIMARY KEY ("consumer","event_id")
);

-- CreateTable
CREATE TABLE "dead_letters" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "consumer" VARCHAR(40) NOT NULL,
    "event_id" UUID NOT NULL,
    "event" JSONB NOT NULL,
    "reason" VARCHAR(1000) NOT NULL,
    "attempts" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "replayed_at" TIMESTAMPTZ(3),

    CONSTRAINT "dead_letters_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "order_seats_ticket_code_key" ON "order_seats"("ticket_code");

-- CreateIndex
CREATE INDEX "order_seats_seat_id_idx" ON "order_seats"("seat_id");

-- CreateIndex
CREATE INDEX "payments_ask_again_at_idx" ON "payments"("ask_again_at");

-- CreateIndex
CREATE UNIQUE INDEX "payments_order_id_idempotency_key_key" ON "payments"("order_id", "idempotency_key");

-- CreateIndex
CREATE UNIQUE INDEX "refunds_payment_id_key" ON "refunds"("payment_id");

-- CreateIndex
CREATE INDEX "webhook_deliveries_received_at_idx" ON "webhook_deliveries"("received_at");

-- CreateIndex
CREATE INDEX "sent_events_sent_at_id_idx" ON "sent_events"("sent_at", "id");

-- CreateIndex
CREATE INDEX "handled_events_handled_at_idx" ON "handled_events"("handled_at");

-- CreateIndex
CREATE INDEX "dead_letters_created_at_idx" ON "dead_letters"("created_at");

-- CreateIndex
CREATE UNIQUE INDEX "dead_letters_consumer_event_id_key" ON "dead_letters"("consumer", "event_id");

-- CreateIndex
CREATE UNIQUE INDEX "orders_hold_id_key" ON "orders"("hold_id");

-- CreateIndex
CREATE UNIQUE INDEX "orders_member_id_idempotency_key_key" ON "orders"("member_id", "idempotency_key");

-- AddForeignKey
ALTER TABLE "order_seats" ADD CONSTRAINT "order_seats_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "orders"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "payments" ADD CONSTRAINT "payments_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "orders"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "refunds" ADD CONSTRAINT "refunds_payment_id_fkey" FOREIGN KEY ("payment_id") REFERENCES "payments"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What must hold whatever the code does.
ALTER TABLE "order_seats" ADD CONSTRAINT "order_seats_check" CHECK ("unit_price" >= 0);
ALTER TABLE "payments" ADD CONSTRAINT "payments_check"
  CHECK ("amount" >= 0 AND "captured" >= 0 AND "refunded" >= 0 AND "refunded" <= "captured");
ALTER TABLE "refunds" ADD CONSTRAINT "refunds_check" CHECK ("amount" >= 0 AND "attempts" >= 0);

-- A seat is sold to one order at a time.
CREATE UNIQUE INDEX "order_seats_sold" ON "order_seats"("seat_id") WHERE "ticket_code" IS NOT NULL;
-- An admission has one order at a time, and an order one attempt to pay.
CREATE UNIQUE INDEX "orders_admission" ON "orders"("admission_id")
  WHERE "admission_id" IS NOT NULL AND "status" IN ('HELD', 'PAYING', 'CONFIRMED');
CREATE UNIQUE INDEX "payments_live" ON "payments"("order_id") WHERE "status" IN ('REQUESTED', 'READY');
-- What the jobs look for.
CREATE INDEX "orders_to_expire" ON "orders"("hold_expires_at") WHERE "status" IN ('HELD', 'PAYING');
CREATE INDEX "orders_to_settle" ON "orders"("updated_at")
  WHERE "status" IN ('CANCELLED', 'EXPIRED', 'REFUNDED') AND "hold_id" IS NOT NULL AND "hold_settled_at" IS NULL;
CREATE INDEX "orders_to_follow_up" ON "orders"("confirmed_at") WHERE "status" = 'CONFIRMED' AND "followed_up_at" IS NULL;
CREATE INDEX "refunds_to_do" ON "refunds"("requested_at") WHERE "done_at" IS NULL;

-- Wakes the relay when the transaction commits. Equal notifications of one transaction are delivered once.
CREATE FUNCTION "announce_outbox_events"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('outbox_events', '');
  RETURN NULL;
END
$$;

CREATE TRIGGER "outbox_events_announce" AFTER INSERT ON "outbox_events"
  FOR EACH STATEMENT EXECUTE FUNCTION "announce_outbox_events"();
