# steward as a static binary on a small Debian, run by a user without rights.
#
#   docker build --build-arg VERSION="$(git describe --tags --always)" -t steward .

FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
RUN CGO_ENABLED=0 GOFLAGS=-buildvcs=false \
    go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /steward ./cmd/steward

FROM debian:bookworm-slim
# curl asks /readyz for the health check; zones and certificates are for dates
# in people's own zones and for S3.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates curl tzdata \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --user-group --home-dir /var/lib/steward steward \
    && install -d -o steward -g steward /var/lib/steward /var/lib/steward/files
COPY --from=build /steward /usr/local/bin/steward
USER steward
WORKDIR /var/lib/steward
EXPOSE 8080
ENTRYPOINT ["steward"]
CMD ["--help"]
