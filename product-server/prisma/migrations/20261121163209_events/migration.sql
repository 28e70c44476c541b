-- CreateEnum
CREATE TYPE "event_status" AS ENUM ('DRAFT', 'PUBLISHED', 'CANCELLED');

-- CreateEnum
CREATE TYPE "seat_status" AS ENUM ('AVAILABLE', 'SOLD');

-- AlterTable
ALTER TABLE "hold_items" ADD COLUMN     "seat_id" UUID,
ALTER COLUMN "sku_id" DROP NOT NULL;

-- CreateTable
CREATE TABLE "venues" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "address" TEXT NOT NULL,

    CONSTRAINT "venues_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "halls" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "venue_id" UUID NOT NULL,
    "name" TEXT NOT NULL,

    CONSTRAINT "halls_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "hall_seats" (
    "hall_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "section" TEXT NOT NULL,
    "row" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "grade" TEXT NOT NULL,
    "x" INTEGER NOT NULL,
    "y" INTEGER NOT NULL,

    CONSTRAINT "hall_seats_pkey" PRIMARY KEY ("hall_id","position")
);

-- CreateTable
CREATE TABLE "events" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "slug" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "artist" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "hall_id" UUID NOT NULL,
    "poster_hash" CHAR(32),
    "starts_at" TIMESTAMPTZ(3) NOT NULL,
    "duration" INTEGER NOT NULL,
    "sale_opens_at" TIMESTAMPTZ(3) NOT NULL,
    "sale_closes_at" TIMESTAMPTZ(3) NOT NULL,
    "order_limit" INTEGER NOT NULL DEFAULT 4,
    "status" "event_status" NOT NULL DEFAULT 'DRAFT',
    "version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "events_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "event_grades" (
    "event_id" UUID NOT NULL,
    "code" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "price" INTEGER NOT NULL,

    CONSTRAINT "event_grades_pkey" PRIMARY KEY ("event_id","code")
);

-- CreateTable
CREATE TABLE "seats" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "event_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "section" TEXT NOT NULL,
    "row" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "grade" TEXT NOT NULL,
    "x" INTEGER NOT NULL,
    "y" INTEGER NOT NULL,
    "price" INTEGER NOT NULL,
    "status" "seat_status" NOT NULL DEFAULT 'AVAILABLE',
    "hold_id" UUID,

    CONSTRAINT "seats_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "venues_slug_key" ON "venues"("slug");

-- CreateIndex
CREATE UNIQUE INDEX "halls_venue_id_name_key" ON "halls"("venue_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "hall_seats_hall_id_section_row_number_key" ON "hall_seats"("hall_id", "section", "row", "number");

-- CreateIndex
CREATE UNIQUE INDEX "events_slug_key" ON "events"("slug");

-- CreateIndex
CREATE INDEX "events_starts_at_id_idx" ON "events"("starts_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "seats_event_id_position_key" ON "seats"("event_id", "position");

-- CreateIndex
CREATE INDEX "hold_items_seat_id_idx" ON "hold_items"("seat_id");

-- AddForeignKey
ALTER TABLE "hold_items" ADD CONSTRAINT "hold_items_seat_id_fkey" FOREIGN KEY ("seat_id") REFERENCES "seats"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "halls" ADD CONSTRAINT "halls_venue_id_fkey" FOREIGN KEY ("venue_id") REFERENCES "venues"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "hall_seats" ADD CONSTRAINT "hall_seats_hall_id_fkey" FOREIGN KEY ("hall_id") REFERENCES "halls"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "events" ADD CONSTRAINT "events_hall_id_fkey" FOREIGN KEY ("hall_id") REFERENCES "halls"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "events" ADD CONSTRAINT "events_poster_hash_fkey" FOREIGN KEY ("poster_hash") REFERENCES "images"("hash") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "event_grades" ADD CONSTRAINT "event_grades_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "events"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "seats" ADD CONSTRAINT "seats_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "events"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "seats" ADD CONSTRAINT "seats_hold_id_fkey" FOREIGN KEY ("hold_id") REFERENCES "holds"("id") ON DELETE RESTRICT ON UPDATE CASCADE;


-- What must hold whatever the code does.
ALTER TABLE "hold_items"
    ADD CONSTRAINT "hold_items_thing_check" CHECK (num_nonnulls("sku_id", "seat_id") = 1),
    ADD CONSTRAINT "hold_items_seat_check" CHECK ("seat_id" IS NULL OR "quantity" = 1);

ALTER TABLE "events"
    ADD CONSTRAINT "events_sale_check" CHECK ("sale_opens_at" < "sale_closes_at"),
    ADD CONSTRAINT "events_order_limit_check" CHECK ("order_limit" BETWEEN 1 AND 10);

ALTER TABLE "event_grades" ADD CONSTRAINT "event_grades_price_check" CHECK ("price" >= 0);

ALTER TABLE "seats"
    ADD CONSTRAINT "seats_price_check" CHECK ("price" >= 0),
    ADD CONSTRAINT "seats_sold_check" CHECK ("status" <> 'SOLD' OR "hold_id" IS NOT NULL);
