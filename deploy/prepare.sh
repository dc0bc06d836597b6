#!/bin/sh
# Makes what the first start of production needs and is not there yet: .env.production and most of the secrets' folder. What is there
# stays, so it may be run again; it ends by naming what only you can give. Needs openssl 3. Run by root it gives the files to the
# containers' user, else do that yourself.
#   sh deploy/prepare.sh              in the folder of docker-compose.yml
#   RENEW=bus sh deploy/prepare.sh    a new certificate of the bus, by the same authority; then: docker compose … kill -s HUP nats
# BUS_NAMES: names of the bus in its certificate, beside `nats`, for deploy/outside.yml: DNS:bus.example.com (an address is no name)
set -eu
umask 077
here=$(dirname "$0")
settings=${SETTINGS:-.env.production}
secrets=${SECRETS:-./secrets}
year=$(date +%Y)
mkdir -p "$secrets/callers" "$secrets/seal"

if [ ! -e "$settings" ]; then
  while IFS= read -r line; do
    case $line in
      H5_TOKEN_SECRET=REPLACE | CALLBACK_TOKEN_SECRET=REPLACE | DOWNLOAD_SECRET=REPLACE | FIELD_ENCRYPTION_KEY=REPLACE)
        echo "${line%REPLACE}${year}a:$(openssl rand -base64 32)" ;;
      [A-Z]*=REPLACE) echo "${line%REPLACE}$(openssl rand -hex 20)" ;;
      SECRETS=*) echo "SECRETS=$secrets" ;;
      *) echo "$line" ;;
    esac
  done <"$here/env.example" >"$settings.new"
  mv "$settings.new" "$settings"
fi

cd "$secrets"
elliptic="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"

# The bus: an authority of its own for ten years, whose key no container gets, and a certificate for 825 days.
if [ ! -e nats-ca.pem ]; then
  openssl req -x509 $elliptic -days 3650 -subj "/CN=esign bus authority $year" -addext keyUsage=critical,keyCertSign,cRLSign -keyout nats-ca-key.pem -out nats-ca.pem 2>/dev/null
fi
if [ ! -e nats-cert.pem ] || [ "${RENEW:-}" = bus ]; then
  names=DNS:nats${BUS_NAMES:+,$BUS_NAMES}
  # Renewed, it keeps the names that it had.
  if [ -e nats-cert.pem ] && [ -z "${BUS_NAMES:-}" ]; then names=$(openssl x509 -in nats-cert.pem -noout -ext subjectAltName | tail -n 1 | tr -d ' '); fi
  openssl req $elliptic -subj /CN=nats -addext "subjectAltName=$names" -addext extendedKeyUsage=serverAuth -keyout nats-key.new -out nats.csr 2>/dev/null
  openssl x509 -req -in nats.csr -CA nats-ca.pem -CAkey nats-ca-key.pem -set_serial "0x$(openssl rand -hex 16)" -days 825 -copy_extensions copyall -out nats-cert.new 2>/dev/null
  # Written into the files that are there: a container sees the file it was started with, whatever is renamed over it.
  for file in nats-key nats-cert; do
    [ ! -e $file.pem ] || chmod u+w $file.pem
    cat $file.new >$file.pem
    rm $file.new
  done
  rm nats.csr
fi

[ -e mongo-key ] || openssl rand -base64 756 >mongo-key

# Signs our calls to the SMS gateway and the verification system, which want outbound-public.pem.
if [ ! -e outbound.json ]; then
  private=$(openssl genpkey -algorithm ED25519)
  echo "$private" | openssl pkey -pubout -out outbound-public.pem
  printf '{"keyId":"esign-%sa","signType":"ED25519","privateKey":"%s\\n"}\n' "$year" "$(echo "$private" | awk '{ printf "%s%s", n, $0; n = "\\n" }')" >outbound.json
fi

find . -type f -exec chmod 400 {} +
if [ "$(id -u)" = 0 ]; then
  find . ! -name nats-ca-key.pem -exec chown 10001:10001 {} +
else
  echo "to do: as root, chown -R 10001:10001 $secrets"
fi
for file in callers/callers.json seal/key.pem seal/cert.pem; do
  [ -e "$file" ] || echo "to do: $secrets/$file, as docs/configuration.md says; owner 10001, mode 400"
done
cd - >/dev/null
grep -n 'example\.com' "$settings" | sed "s|^\([0-9]*\):\(.*\)|to do: $settings line \1: \2|"
grep -q '^ADMIN_KEYS=.' "$settings" || echo "to do: $settings: ADMIN_KEYS, without which there is no administration"
echo "bus: $(openssl x509 -in "$secrets/nats-cert.pem" -noout -enddate | sed 's/notAfter=/certificate until /'); keep $secrets/nats-ca-key.pem elsewhere"
