package accept

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	_ "google.golang.org/grpc/encoding/gzip" // senders may compress
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/tap"
	"google.golang.org/protobuf/types/known/durationpb"
)

// Bounds of the gRPC door.
const (
	maxStreams       = 64 // requests at a time on one connection
	maxHeaderBytes   = 16 << 10
	connectionIdle   = 15 * time.Minute
	pingAfter        = time.Minute
	pingTimeout      = 20 * time.Second
	minPing          = 10 * time.Second // who pings more often is turned away
	handshakeTimeout = 20 * time.Second
)

// ServeGRPC takes spans over gRPC on l, which it closes, until ctx ends; then
// it finishes the requests under way within OTLPConfig.Drain. secure is nil
// where no TLS is spoken.
func (o *OTLP) ServeGRPC(ctx context.Context, l net.Listener, secure *tls.Config) error {
	server := grpc.NewServer(o.options(secure)...)
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: "opentelemetry.proto.collector.trace.v1.TraceService",
		HandlerType: (*any)(nil),
		Methods:     []grpc.MethodDesc{{MethodName: "Export", Handler: o.export}},
	}, o)
	stopped := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(stopped)
		timer := time.AfterFunc(o.cfg.Drain, server.Stop)
		defer timer.Stop()
		server.GracefulStop()
	})
	err := server.Serve(l)
	if stop() { // Serve ended by itself
		return fmt.Errorf("serve OTLP over gRPC on %s: %w", l.Addr(), err)
	}
	<-stopped
	return nil
}

func (o *OTLP) options(secure *tls.Config) []grpc.ServerOption {
	opts := []grpc.ServerOption{
		grpc.ForceServerCodecV2(rawCodec{}),
		grpc.MaxRecvMsgSize(o.cfg.MaxRequestBytes),
		grpc.MaxConcurrentStreams(maxStreams),
		grpc.MaxHeaderListSize(maxHeaderBytes),
		grpc.ConnectionTimeout(handshakeTimeout),
		grpc.KeepaliveParams(keepalive.ServerParameters{MaxConnectionIdle: connectionIdle, Time: pingAfter, Timeout: pingTimeout}),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: minPing, PermitWithoutStream: true}),
		grpc.UnknownServiceHandler(unknownService),
	}
	if o.cfg.Authorize != nil {
		// Before the request is read: strangers cost no memory.
		opts = append(opts, grpc.InTapHandle(o.authorize))
	}
	if secure != nil {
		opts = append(opts, grpc.Creds(credentials.NewTLS(secure)))
	}
	return opts
}

func (o *OTLP) authorize(ctx context.Context, call *tap.Info) (context.Context, error) {
	if err := o.cfg.Authorize(call.Header.Get("authorization")); err != nil {
		return nil, status.Error(codes.Unauthenticated, err.Error())
	}
	return ctx, nil
}

// export answers TraceService/Export.
func (o *OTLP) export(_ any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
	var request rawMessage
	if err := decode(&request); err != nil {
		return nil, err
	}
	defer request.free()
	verdict, err := o.accept(ctx, DoorOTLPGRPC, request.bytes)
	if err != nil {
		return nil, o.refuse(err)
	}
	return &rawMessage{bytes: verdict.reply()}, nil
}

// refuse makes a status of an error; where the sender may try again it says
// when.
func (o *OTLP) refuse(err error) error {
	s := status.New(codeOf(err), err.Error())
	if code := s.Code(); code == codes.Unavailable || code == codes.ResourceExhausted {
		if o.acceptor.warn.Allow() {
			o.acceptor.cfg.Logger.Error("spans turned away; the sender will send them again", "door", DoorOTLPGRPC, "error", err)
		}
		if detailed, err := s.WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(retryAfter * time.Second)}); err == nil {
			s = detailed
		}
	}
	return s.Err()
}

// unknownService answers calls of what is not here.
func unknownService(_ any, stream grpc.ServerStream) error {
	method, _ := grpc.MethodFromServerStream(stream)
	for _, what := range []string{"metrics", "logs", "profiles"} {
		if strings.HasPrefix(method, "/opentelemetry.proto.collector."+what+".") {
			return status.Error(codes.Unimplemented, notTraces(what))
		}
	}
	return status.Errorf(codes.Unimplemented, "there is no %s here: this is Roentgen's door for OpenTelemetry's traces, opentelemetry.proto.collector.trace.v1.TraceService/Export", method)
}

// rawMessage is a message as bytes.
type rawMessage struct {
	bytes  []byte
	buffer mem.Buffer // holds bytes; nil where they are our own
}

func (m *rawMessage) free() {
	if m.buffer != nil {
		m.buffer.Free()
	}
}

// rawCodec hands messages on as they are: what reads them is in wire.
type rawCodec struct{}

// Name is what senders call the encoding.
func (rawCodec) Name() string { return "proto" }

// Marshal implements encoding.CodecV2.
func (rawCodec) Marshal(v any) (mem.BufferSlice, error) {
	m, ok := v.(*rawMessage)
	if !ok {
		return nil, fmt.Errorf("encode a message: %T is not one of bytes", v)
	}
	return mem.BufferSlice{mem.SliceBuffer(m.bytes)}, nil
}

// Unmarshal implements encoding.CodecV2.
func (rawCodec) Unmarshal(data mem.BufferSlice, v any) error {
	m, ok := v.(*rawMessage)
	if !ok {
		return fmt.Errorf("decode a message: %T is not one of bytes", v)
	}
	m.buffer = data.MaterializeToBuffer(mem.DefaultBufferPool())
	m.bytes = m.buffer.ReadOnlyData()
	return nil
}
