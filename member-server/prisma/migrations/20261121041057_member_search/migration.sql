-- CreateIndex
CREATE INDEX "members_email_index_idx" ON "members"("email_index");
